import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Title } from 'react-admin';
import { callApi } from '../call-api.ts';
import { Section } from '../facts.tsx';
import { formatUsd } from '../formats.ts';

interface Told {
  readonly failure: { readonly code: string; readonly reason: string } | null;
  readonly rows: readonly {
    readonly provider: string;
    readonly model: string;
    readonly taken: boolean;
    readonly detail: string;
    readonly place: number | null;
    readonly mostNanoUsd: string | null;
  }[];
}

const FIELDS = [
  { name: 'requestType', label: 'Request type', kinds: ['text', 'audio'] },
  { name: 'tier', label: 'Tier', kinds: ['text'], choices: ['', 'cheap', 'normal', 'premium'] },
  { name: 'language', label: 'Language', kinds: ['text', 'audio'] },
  { name: 'userCategory', label: 'Category of the user', kinds: ['text', 'audio'] },
  { name: 'provider', label: 'Provider, when pinned', kinds: ['text', 'audio'] },
  { name: 'model', label: 'Model, when pinned', kinds: ['text', 'audio'] },
] as const;

function Outcome({ told }: { readonly told: Told }): ReactNode {
  if (told.failure !== null)
    return (
      <Alert severity="warning" data-told>
        <strong>{told.failure.code}</strong>: {told.failure.reason}
      </Alert>
    );
  return (
    <Card component="section" sx={{ overflowX: 'auto' }} tabIndex={0} data-told>
      <Table size="small" aria-label="Models and why they would answer or not">
        <TableHead>
          <TableRow>
            <TableCell>Tried</TableCell>
            <TableCell>Model</TableCell>
            <TableCell>Why</TableCell>
            <TableCell align="right">At most</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {told.rows.map((row) => (
            <TableRow key={`${row.provider}/${row.model}`}>
              <TableCell>
                {row.place === null ? (
                  <Chip size="small" variant="outlined" label="not" />
                ) : (
                  <Chip size="small" variant="outlined" color="success" label={row.place === 1 ? 'first' : `as number ${row.place}`} />
                )}
              </TableCell>
              <TableCell sx={{ whiteSpace: 'nowrap' }}>
                {row.provider}/{row.model}
              </TableCell>
              <TableCell sx={{ minWidth: 220 }}>{row.detail}</TableCell>
              <TableCell align="right">{row.place === null ? '–' : formatUsd(row.mostNanoUsd)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

/** Which models would answer a request, in which order, and why. Nothing is sent and nothing is written. */
export function SelectionPage(): ReactNode {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({ kind: 'text', prompt: 'Explain photosynthesis to a child.' });
  const asking = useMutation({ mutationFn: () => callApi<Told>('/api/selection', { method: 'POST', body: values }) });
  const set = (name: string, value: string): void => setValues({ ...values, [name]: value });
  const kind = values['kind'] === 'audio' ? 'audio' : 'text';
  return (
    <Box className="show-page" sx={{ display: 'grid', gap: 2, maxWidth: 1100, mt: 1 }}>
      <Title title="Explain a choice" />
      <Section title="A request">
        <Typography variant="body2" color="textSecondary">
          Nobody is asked and nothing is paid: this is the choice alone, as it would be made now.
        </Typography>
        <Box
          component="form"
          sx={{ display: 'grid', gap: 1, mt: 1, gridTemplateColumns: 'repeat(auto-fill, minmax(200px, 1fr))', alignItems: 'center' }}
          onSubmit={(event) => {
            event.preventDefault();
            asking.mutate();
          }}
        >
          <TextField
            id="choice-prompt"
            label={kind === 'audio' ? 'Text to speak' : 'Prompt'}
            value={values['prompt'] ?? ''}
            multiline
            required
            maxRows={8}
            sx={{ gridColumn: '1 / -1' }}
            onChange={(event) => set('prompt', event.target.value)}
          />
          <TextField id="choice-kind" label="Kind" select value={kind} onChange={(event) => set('kind', event.target.value)}>
            <MenuItem value="text">text</MenuItem>
            <MenuItem value="audio">audio</MenuItem>
          </TextField>
          {FIELDS.filter((field) => (field.kinds as readonly string[]).includes(kind)).map((field) => (
            <TextField
              key={field.name}
              id={`choice-${field.name}`}
              label={field.label}
              select={'choices' in field}
              value={values[field.name] ?? ''}
              onChange={(event) => set(field.name, event.target.value)}
            >
              {'choices' in field &&
                field.choices.map((choice) => (
                  <MenuItem key={choice} value={choice}>
                    {choice === '' ? 'as its type says' : choice}
                  </MenuItem>
                ))}
            </TextField>
          ))}
          <Button type="submit" variant="contained" disabled={asking.isPending} sx={{ justifySelf: 'start' }}>
            Explain
          </Button>
        </Box>
      </Section>
      {asking.isError && <Alert severity="error">{asking.error.message}</Alert>}
      {asking.isSuccess && <Outcome told={asking.data} />}
    </Box>
  );
}
