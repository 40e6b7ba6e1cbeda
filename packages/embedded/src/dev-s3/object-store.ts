import { ObjectFiles } from './object-files.ts';
import { ObjectIndex } from './object-index.ts';
import { openIndex } from './open-index.ts';
import { UploadIndex } from './upload-index.ts';

/** All that one folder holds: `index.sqlite` says which objects exist, `objects/` holds their bytes. */
export interface ObjectStore {
  readonly index: ObjectIndex;
  readonly uploads: UploadIndex;
  readonly files: ObjectFiles;
  close(): void;
}

/**
 * @param fast whether to go on before the disk has confirmed a write
 * @throws Error when another server uses the folder
 */
export function openObjectStore(dir: string, fast: boolean): ObjectStore {
  const database = openIndex(dir, fast);
  const [index, uploads, files] = [new ObjectIndex(database), new UploadIndex(database), new ObjectFiles(dir, fast)];
  files.tidyUp(index.listFiles());
  return { index, uploads, files, close: () => database.close() };
}
