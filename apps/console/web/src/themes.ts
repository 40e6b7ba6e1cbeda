import { defaultTheme, type RaThemeOptions } from 'react-admin';

interface Colors {
  readonly primary: string;
  readonly page: string;
  readonly card: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly chosen: string;
  readonly chosenText: string;
}

const LIGHT: Colors = {
  primary: '#4338ca',
  page: '#f6f7f9',
  card: '#ffffff',
  line: '#e3e6ec',
  text: '#1b2130',
  quiet: '#565f71',
  chosen: '#eceafd',
  chosenText: '#3730a3',
};
const DARK: Colors = {
  primary: '#a5b4fc',
  page: '#0f1218',
  card: '#171b23',
  line: '#2a313d',
  text: '#e6e9ef',
  quiet: '#9fa9ba',
  chosen: '#262c40',
  chosenText: '#c7d2fe',
};

function makeTheme(mode: 'light' | 'dark', colors: Colors): RaThemeOptions {
  const outlined = { border: `1px solid ${colors.line}`, boxShadow: 'none', backgroundImage: 'none' };
  return {
    ...defaultTheme,
    palette: {
      mode,
      primary: { main: colors.primary },
      secondary: { main: mode === 'light' ? '#0f766e' : '#5eead4' },
      ...(mode === 'light' && {
        success: { main: '#15703a' },
        warning: { main: '#8f4a00' },
        error: { main: '#b3261e' },
        info: { main: '#0b5cad' },
      }),
      background: { default: colors.page, paper: colors.card },
      divider: colors.line,
      text: { primary: colors.text, secondary: colors.quiet },
    },
    shape: { borderRadius: 8 },
    sidebar: { width: 216, closedWidth: 52 },
    typography: {
      fontFamily: '"Inter Variable", system-ui, sans-serif',
      fontSize: 13,
      h5: { fontWeight: 650, fontSize: '1.3rem', letterSpacing: '-0.015em' },
      h6: { fontWeight: 620, fontSize: '0.95rem' },
    },
    components: {
      ...defaultTheme.components,
      MuiAppBar: {
        defaultProps: { elevation: 0, color: 'inherit' },
        styleOverrides: {
          root: { backgroundColor: colors.card, color: colors.text, borderBottom: `1px solid ${colors.line}`, backgroundImage: 'none' },
        },
      },
      MuiCard: { defaultProps: { elevation: 0 }, styleOverrides: { root: outlined } },
      MuiButton: { defaultProps: { disableElevation: true }, styleOverrides: { root: { textTransform: 'none', fontWeight: 600 } } },
      // react-admin labels the frame of a checkbox, which is no control; the control gets the label.
      MuiCheckbox: { defaultProps: { slotProps: { root: { 'aria-label': undefined }, input: { 'aria-label': 'Select' } } } },
      MuiToggleButton: { styleOverrides: { root: { color: colors.quiet, '&.Mui-selected': { color: colors.text } } } },
      MuiChip: { styleOverrides: { root: { borderRadius: 6, fontWeight: 500 } } },
      MuiTableCell: {
        styleOverrides: {
          root: { borderColor: colors.line, fontVariantNumeric: 'tabular-nums' },
          head: { fontWeight: 620, color: colors.quiet },
          sizeSmall: { padding: '7px 12px' },
        },
      },
      MuiTextField: { defaultProps: { variant: 'outlined', size: 'small', margin: 'dense' } },
      MuiFormControl: { defaultProps: { variant: 'outlined', size: 'small', margin: 'dense' } },
      // Wide tables scroll by themselves instead of pushing the page aside.
      RaLayout: {
        styleOverrides: {
          root: {
            minWidth: 0,
            '& .RaLayout-appFrame, & .RaLayout-contentWithSidebar': { minWidth: 0 },
            '& .RaLayout-content': { padding: '12px 20px 32px', minWidth: 0, backgroundColor: colors.page },
          },
        },
      },
      // On a phone they would be white boxes on the page's grey.
      RaTopToolbar: { styleOverrides: { root: { '&&': { backgroundColor: 'transparent' } } } },
      RaListToolbar: { styleOverrides: { root: { '&&': { backgroundColor: 'transparent' } } } },
      RaDataTable: {
        styleOverrides: {
          root: { '& .RaDataTable-tableWrapper': { overflowX: 'auto' }, '& .MuiTableCell-root': { whiteSpace: 'nowrap' } },
        },
      },
      RaMenuItemLink: {
        styleOverrides: {
          root: {
            margin: '1px 8px',
            borderRadius: 8,
            paddingLeft: 12,
            color: colors.quiet,
            fontWeight: 500,
            '&.RaMenuItemLink-active': {
              backgroundColor: colors.chosen,
              color: colors.chosenText,
              '& .MuiSvgIcon-root': { color: 'inherit' },
            },
          },
        },
      },
    },
  } as RaThemeOptions;
}

export const lightTheme = makeTheme('light', LIGHT);
export const darkTheme = makeTheme('dark', DARK);
