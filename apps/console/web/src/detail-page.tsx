import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';
import { Show, useShowContext, type RaRecord } from 'react-admin';

interface DetailProps<Row extends RaRecord> {
  /** Something only a whole row has. */
  readonly whole: keyof Row;
  readonly children: (row: Row) => ReactNode;
}

function WholeRow<Row extends RaRecord>({ whole, children }: DetailProps<Row>): ReactNode {
  const { record } = useShowContext<Row>();
  return record === undefined || record[whole] === undefined ? <Skeleton variant="rounded" height={320} sx={{ m: 2 }} /> : children(record);
}

/**
 * One row with all that is known of it. Coming from a list, react-admin first gives the list's row, which has fewer fields: reading the
 * others broke the page, so nothing is drawn before the whole row is there.
 */
export function DetailPage<Row extends RaRecord>({ title, ...props }: DetailProps<Row> & { readonly title: string }): ReactNode {
  return (
    <Show title={title} actions={false}>
      <Box sx={{ minWidth: 0 }}>
        <WholeRow {...props} />
      </Box>
    </Show>
  );
}
