// A page of sections alone.
offerDownloads();
await rooms();
document.body.dataset.ready = "yes";
