/** One accent, calm grounds, and type that sets Chinese and Latin side by side. */

import { createTheme, type CSSVariablesResolver, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#eef8f6', '#d7efeb', '#b3dfd8', '#84cbc0', '#4fb0a3', '#2b9184', '#147c70', '#0f6b62', '#0c554e', '#0a453f',
];
const night: MantineColorsTuple = [
  '#e6efed', '#c3d0cd', '#a3b5b0', '#7d918c', '#31433f', '#283835', '#1d2a27', '#15201e', '#0f1817', '#0a1110',
];
const FONTS =
  '"Inter Variable", "Noto Sans TC", "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", system-ui, sans-serif';

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  // The accent is dark by day and light at night, and what stands on it the other way round.
  variantColorResolver: (asked) => {
    const colors = defaultVariantColorsResolver(asked);
    return asked.variant === 'filled' ? { ...colors, color: 'var(--on-accent)' } : colors;
  },
  colors: { teal, dark: night },
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: '650', sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.35' }, h2: { fontSize: '1.0625rem', lineHeight: '1.4' }, h3: { fontSize: '0.9375rem', lineHeight: '1.45' } } },
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  lineHeights: { xs: '1.45', sm: '1.5', md: '1.6', lg: '1.6', xl: '1.6' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // An empty place to focus is nothing that may be in a menu.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.45 } } },
    Paper: { defaultProps: { radius: 'lg' } },
    // Read each time one is drawn: the language may have been switched.
    Notification: { defaultProps: () => ({ closeButtonProps: { 'aria-label': document.documentElement.lang === 'en' ? 'Close' : '關閉' } }) },
  },
});

/** What look.css and the charts draw with; text that is dimmed keeps 4.5:1 on every ground. */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--bar-height': '56px' },
  light: {
    '--mantine-color-body': '#f5f7f6', '--card': '#ffffff', '--on-accent': '#ffffff', '--line': '#e0e7e5', '--ink': '#10201d',
    '--mantine-color-text': '#10201d', '--mantine-color-dimmed': '#566762', '--accent': '#0f6b62',
    '--accent-soft': '#e2f2ef', '--bar': '#82c4ba', '--bar-chosen': '#0f6b62', '--line-chart': '#b45309', '--raised': '#f0f4f3',
    '--bad': '#b42318', '--bad-soft': '#fdecea', '--warm': '#92500a', '--warm-soft': '#fdf1dc', '--mantine-color-error': '#b42318',
    '--mantine-color-placeholder': '#687a75',
  },
  dark: {
    '--mantine-color-body': '#0c1413', '--card': '#141f1d', '--on-accent': '#06201c', '--line': '#263531', '--ink': '#e6efed',
    '--mantine-color-text': '#e6efed', '--mantine-color-dimmed': '#9db0ab', '--accent': '#5fc7b9',
    '--accent-soft': '#14352f', '--bar': '#2c6f66', '--bar-chosen': '#5fc7b9', '--line-chart': '#f0a94b', '--raised': '#1b2926',
    // Lighter under the pointer: darker, its words would be hard to read.
    '--mantine-primary-color-filled-hover': '#84cbc0', '--mantine-color-teal-filled-hover': '#84cbc0', '--bad': '#fca5a5', '--bad-soft': '#3c1a18', '--warm': '#f5c26b', '--warm-soft': '#38290d', '--mantine-color-error': '#fca5a5',
    '--mantine-color-placeholder': '#8a9d98',
  },
});
