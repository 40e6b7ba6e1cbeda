import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import type { ReactNode, Ref } from 'react';

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const;
export type Difficulty = (typeof DIFFICULTIES)[number];

/** What people say of an example. */
export interface Labels {
  readonly weight: number;
  readonly difficulty: Difficulty | null;
  readonly tags: readonly string[];
}

export interface LabelFieldsProps {
  readonly labels: Labels;
  readonly onChange: (changed: Partial<Labels>) => void;
  readonly disabled?: boolean;
  readonly tagField?: Ref<HTMLInputElement>;
}

/** Weight, difficulty, subjects and tags of an example. Each change is told at once. */
export function LabelFields({ labels, onChange, disabled = false, tagField }: LabelFieldsProps): ReactNode {
  const { weight, difficulty, tags } = labels;
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'center' }}>
        <Box>
          <Typography variant="caption" color="textSecondary" component="p" id="difficulty-label">
            Difficulty
          </Typography>
          <ToggleButtonGroup
            exclusive
            size="small"
            value={difficulty}
            disabled={disabled}
            aria-labelledby="difficulty-label"
            onChange={(_, chosen: Difficulty | null) => onChange({ difficulty: chosen })}
          >
            {DIFFICULTIES.map((name) => (
              <ToggleButton key={name} value={name} sx={{ textTransform: 'none', px: 1.5, py: 0.5 }}>
                {name}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        </Box>
        <TextField
          id="example-weight"
          label="Weight"
          type="number"
          value={weight}
          disabled={disabled}
          onChange={(event) => onChange({ weight: Number(event.target.value) })}
          slotProps={{ htmlInput: { min: 0.5, max: 100, step: 0.5 } }}
          sx={{ width: 110, m: 0 }}
        />
      </Box>
      <Autocomplete
        multiple
        freeSolo
        disableClearable
        id="example-tags"
        options={[]}
        value={[...tags]}
        disabled={disabled}
        onChange={(_, chosen) => onChange({ tags: chosen })}
        renderValue={(shown, itemProps) =>
          shown.map((tag, index) => {
            const { key, ...props } = itemProps({ index });
            return <Chip key={key} size="small" label={tag} {...props} />;
          })
        }
        renderInput={(parameters) => (
          <TextField {...parameters} inputRef={tagField} label="Subjects and tags" helperText="Enter adds one" sx={{ m: 0 }} />
        )}
      />
    </Box>
  );
}
