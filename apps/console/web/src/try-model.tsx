import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { Facts, InertText, Section } from './facts.tsx';
import { formatCount, formatMs, formatUsd } from './formats.ts';
import { nameOf, pathOf, type ProviderRow } from './provider-row.ts';

interface Tried {
  readonly text: string | null;
  /** Address of the MP3. */
  readonly audio: string | null;
  readonly seconds: number | null;
  readonly provider: string;
  readonly model: string;
  readonly simulated: boolean;
  readonly tokensUsed: number;
  readonly costNanoUsd: string | null;
  readonly latencyMs: number;
}

const FIRST_WORDS = {
  text: 'In two sentences: why is the sky blue?',
  audio: 'Good morning. This is how I sound.',
} as const;

function Answer({ tried }: { readonly tried: Tried }): ReactNode {
  const { text, audio, seconds } = tried;
  return (
    <Box sx={{ display: 'grid', gap: 2, mt: 2 }} data-tried aria-live="polite">
      {text !== null && <InertText text={text} />}
      {audio !== null && <audio controls src={audio} aria-label="The spoken test sentence" />}
      <Facts
        facts={[
          { label: 'Answered by', value: `${tried.provider}/${tried.model}${tried.simulated ? ', simulated' : ''}` },
          { label: 'Cost', value: formatUsd(tried.costNanoUsd) },
          { label: 'Latency', value: formatMs(tried.latencyMs) },
          seconds === null
            ? { label: 'Tokens', value: formatCount(tried.tokensUsed) }
            : { label: 'Length', value: `${seconds.toFixed(1)} s` },
        ]}
      />
    </Box>
  );
}

/** One test prompt or sentence, sent the way that every request takes; it is paid for, and remembered by nobody. */
export function TryModel({ row }: { readonly row: ProviderRow }): ReactNode {
  const [prompt, setPrompt] = useState<string>(FIRST_WORDS[row.kind]);
  const [language, setLanguage] = useState('en');
  const sending = useMutation({
    mutationFn: () => callApi<Tried>(`${pathOf(row)}/try`, { method: 'POST', body: { prompt, language } }),
  });
  return (
    <Section title="Try it">
      <Typography variant="body2" color="textSecondary">
        Goes through queue, worker and limits like any request, costs what it costs, and is written down.
      </Typography>
      <Box
        component="form"
        sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', mt: 1 }}
        onSubmit={(event) => {
          event.preventDefault();
          sending.mutate();
        }}
      >
        <TextField
          id="try-prompt"
          label={row.kind === 'audio' ? 'Test sentence' : 'Test prompt'}
          value={prompt}
          multiline
          required
          maxRows={6}
          onChange={(event) => setPrompt(event.target.value)}
          sx={{ flex: 1, minWidth: 220 }}
          slotProps={{ htmlInput: { maxLength: row.kind === 'audio' ? 300 : 2_000 } }}
        />
        {row.kind === 'audio' && (
          <TextField
            id="try-language"
            label="Language"
            value={language}
            required
            onChange={(event) => setLanguage(event.target.value)}
            sx={{ width: 110 }}
          />
        )}
        <Button type="submit" variant="contained" disabled={sending.isPending} aria-label={`Send to ${nameOf(row)}`}>
          {sending.isPending ? 'Sent, waiting' : 'Send'}
        </Button>
      </Box>
      {sending.isPending && <Skeleton variant="rounded" height={72} sx={{ mt: 2 }} />}
      {sending.isError && (
        <Alert severity="error" sx={{ mt: 2 }}>
          {sending.error.message}
        </Alert>
      )}
      {sending.isSuccess && <Answer tried={sending.data} />}
    </Section>
  );
}
