// Runs before the first paint: theme and language as chosen on this device, else as the system says.
// A classic script, because a module would run after the page was shown in the wrong colours.
(() => {
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage refused: the notices of boot.js explain it
    }
  };
  const root = document.documentElement;
  const paper = { light: '#efefe8', dark: '#0c0f12', outdoor: '#ffffff' };
  const theme = stored('zhicha.theme');
  if (theme in paper) {
    root.dataset.theme = theme;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.removeAttribute('media');
      meta.content = paper[theme];
    }
  }
  const language = stored('zhicha.lang') ?? navigator.language;
  root.lang = language.startsWith('zh') ? 'zh-CN' : 'en';
})();
