process.parentPort.on('message', ({ data }) => {
  if (data === 'stop') process.exit(7);
  process.parentPort.postMessage({ echo: data, env: process.env.SAMPLE });
});
