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

/** @throws Error when another server uses the folder */
export function openObjectStore(dir: string): ObjectStore {
  const database = openIndex(dir);
  const [index, uploads, files] = [new ObjectIndex(database), new UploadIndex(database), new ObjectFiles(dir)];
  files.tidyUp(index.listFiles());
  return { index, uploads, files, close: () => database.close() };
}
