// Runs before the first paint, so that no wrong theme flashes: src/ui/theme.ts goes on from here.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem('vigie.theme');
  } catch (refused) {
    kept = null; // storage is switched off: the system decides
  }
  var dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = kept === 'day' || kept === 'night' ? kept : dark ? 'night' : 'day';
  if (new URLSearchParams(window.location.search).has('wall')) document.documentElement.dataset.wall = '';
})();
