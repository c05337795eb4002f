window.seen = {
  bridgeBeforeScripts: typeof window.sample,
  require: typeof window.require,
  process: typeof window.process,
  ipcRenderer: typeof window.ipcRenderer,
  hostNames: Object.getOwnPropertyNames(window).filter((name) => name.toLowerCase().includes('chromiumhost')),
};
