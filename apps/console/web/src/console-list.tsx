import type { ReactElement, ReactNode } from 'react';
import { List, Pagination, TopToolbar, FilterButton } from 'react-admin';
import { EmptyList } from './cells.tsx';

export interface ConsoleListProps {
  readonly title: string;
  readonly filters?: ReactElement[];
  /** What is said when there is nothing: why, and what to do. */
  readonly emptyHint: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** `Usage log` within a sentence; `API keys` stays as it is. */
function inSentence(title: string): string {
  return title.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}

/** A page with one list: newest first, filters and page in the URL. */
export function ConsoleList({ title, filters, emptyHint, actions, children }: ConsoleListProps): ReactNode {
  const hasHidden = filters?.some((filter) => (filter.props as { alwaysOn?: boolean }).alwaysOn !== true) ?? false;
  return (
    <List
      title={title}
      filters={filters}
      perPage={25}
      empty={<EmptyList title={`No ${inSentence(title)} yet`} hint={emptyHint} action={actions} />}
      pagination={<Pagination rowsPerPageOptions={[25, 50, 100]} />}
      actions={
        <TopToolbar>
          {actions}
          {hasHidden && <FilterButton />}
        </TopToolbar>
      }
      sx={{ '& .RaList-main': { minWidth: 0 }, '& .RaList-content': { minWidth: 0 } }}
    >
      {children}
    </List>
  );
}
