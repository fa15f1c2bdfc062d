// The edition's data, unpacked, and numbers as the page's language writes them.
const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (letter) => letter.charCodeAt(0));
const D = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
const W = D.words, language = document.documentElement.lang, [POINT, THOUSANDS] = D.format;
const $ = (id) => document.getElementById(id);

function number(value, places = 2) {
  if (value == null) return "—";
  const [whole, part] = Math.abs(value).toFixed(places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THOUSANDS);
  return (value < 0 ? "−" : "") + grouped + (part ? POINT + part : "");
}
const percent = (value, places = 0) => value == null ? "—" : number(value * 100, places) + (language === "en" ? "%" : "\u00a0%");
const span = (low, high, say = number) => low == null ? "—" : say(low) + " – " + (high == null ? "∞" : say(high));
