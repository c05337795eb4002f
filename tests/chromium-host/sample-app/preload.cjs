'use strict';
const { contextBridge, ipcRenderer } = require('electron');

let fsFailure = null;
try {
  require('node:fs');
} catch (error) {
  fsFailure = error.message;
}

contextBridge.exposeInMainWorld('sample', {
  fsFailure,
  argv: process.argv,
  nested: { twice: (n) => n * 2 },
  echo: (...args) => ipcRenderer.invoke('echo', ...args),
  fail: () => ipcRenderer.invoke('fail'),
  unknown: () => ipcRenderer.invoke('nobody'),
  heard: (what) => ipcRenderer.send('heard', what),
  onNews(listener) {
    const hear = (_event, news) => listener(news);
    ipcRenderer.on('news', hear);
    return () => ipcRenderer.removeListener('news', hear);
  },
  lacking() {
    try {
      ipcRenderer.sendSync('x');
      return null;
    } catch (error) {
      return error.message;
    }
  },
});
