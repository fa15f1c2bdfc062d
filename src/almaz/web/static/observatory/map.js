// The map: borders at the level of zoom that the eye can use, colours of the chosen cluster, a line of words under the pointer.
const SVG = "http://www.w3.org/2000/svg", LEVELS = [1, 4, 16], MOST = 40;
const escaped = (code) => encodeURIComponent(code.replaceAll("~", "~~").replaceAll("/", "~s"));
const read = async (address) => (await fetch(address)).json();

class Map_ {
  constructor(figure) {
    this.figure = figure;
    this.place = figure.querySelector(".sheet");
    this.level = -1;
    this.paths = new Map();
    this.tip = document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }));
  }

  async start() {
    const [sheet] = await Promise.all([read(this.figure.dataset.sheet), this.values(this.figure.dataset.cluster)]);
    this.width = sheet.width;
    this.height = sheet.height;
    this.view = [0, 0, this.width, this.height];
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.regions = document.createElementNS(SVG, "g");
    this.outlines = document.createElementNS(SVG, "g");
    this.regions.setAttribute("class", "regions" + (Object.keys(sheet.regions).length < 500 ? " few" : ""));
    this.outlines.setAttribute("class", "outlines");
    this.svg.append(this.regions, this.outlines);
    this.draw(sheet, 0);
    this.place.replaceChildren(this.svg);
    this.look();
    this.listen();
    this.figure.dataset.ready = "yes";
  }

  draw(sheet, level) {
    this.level = this.figure.dataset.level = level;
    for (const group of [this.regions, this.outlines]) group.setAttribute("transform", `scale(${1 / sheet.units})`);
    for (const [code, path] of Object.entries(sheet.regions)) {
      let shape = this.paths.get(code);
      if (!shape) {
        shape = document.createElementNS(SVG, "path");
        shape.dataset.code = code;
        this.paths.set(code, shape);
        this.regions.append(shape);
      }
      shape.setAttribute("d", path);
    }
    this.outlines.replaceChildren(...sheet.outlines.map((path) => {
      const line = document.createElementNS(SVG, "path");
      line.setAttribute("d", path);
      return line;
    }));
    this.paint();
  }

  async values(cluster) {
    this.said = await read(this.figure.dataset.values + (cluster ? "?cluster=" + encodeURIComponent(cluster) : ""));
    this.paint();
  }

  paint() {
    if (!this.said) return;
    for (const [code, shape] of this.paths) {
      const [place, sure] = this.said.regions[code] || [-1, 1];
      shape.setAttribute("fill", place < 0 ? this.figure.dataset.unknown : this.said.colours[place]);
      shape.classList.toggle("unsure", !sure);
    }
  }

  async look() { // the part of the sheet that is seen, and the borders that it needs
    this.svg.setAttribute("viewBox", this.view.join(" "));
    const times = this.width / this.view[2];
    this.place.classList.toggle("near", times > 1.01);
    const wanted = times > 9 ? 2 : times > 2.4 ? 1 : 0;
    if (wanted > this.level && !this.coming) {
      this.coming = true;
      const sheet = await read(this.figure.dataset.sheet.replace("/0.json", `/${wanted}.json`));
      this.draw(sheet, wanted);
      this.coming = false;
    }
  }

  zoom(times, at) { // at: a point of the sheet that stays where it is
    const [x, y, width] = this.view, wide = Math.min(this.width, Math.max(this.width / MOST, width / times));
    const [px, py] = at || [x + width / 2, y + this.view[3] / 2], share = wide / width;
    this.move(px - (px - x) * share, py - (py - y) * share, wide);
  }

  move(x, y, wide = this.view[2]) {
    const high = wide * this.height / this.width;
    this.view = [Math.min(Math.max(0, x), this.width - wide), Math.min(Math.max(0, y), this.height - high), wide, high];
    this.look();
  }

  point(event) {
    const box = this.svg.getBoundingClientRect(), scale = Math.max(this.view[2] / box.width, this.view[3] / box.height);
    const left = box.left + (box.width - this.view[2] / scale) / 2, top = box.top + (box.height - this.view[3] / scale) / 2;
    return [this.view[0] + (event.clientX - left) * scale, this.view[1] + (event.clientY - top) * scale, scale];
  }

  listen() {
    let held = null, moved = false;
    const fingers = new Map();
    this.place.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !this.place.classList.contains("near") && event.deltaY > 0) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.25 : 0.8, this.point(event));
    }, { passive: false });
    this.svg.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, event);
      held = { x: event.clientX, y: event.clientY, view: [...this.view] };
      moved = false;
    });
    addEventListener("pointermove", (event) => {
      if (!held || !fingers.has(event.pointerId)) return;
      if (fingers.size === 2) {
        const [one, other] = [...fingers.values()], before = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        fingers.set(event.pointerId, event);
        const [a, b] = [...fingers.values()], after = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        this.zoom(after / before, this.point({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 }));
        held = { x: event.clientX, y: event.clientY, view: [...this.view] };
        moved = true;
        return;
      }
      const scale = this.point(event)[2], [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      if (Math.hypot(dx, dy) > 5) moved = true;
      if (moved && this.place.classList.contains("near")) this.move(held.view[0] - dx * scale, held.view[1] - dy * scale);
    });
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, (event) => { fingers.delete(event.pointerId); if (!fingers.size) held = null; });
    this.svg.addEventListener("click", (event) => {
      const code = event.target.dataset && event.target.dataset.code;
      if (code && !moved && this.said.regions[code]) location.href = this.said.address.replace("CODE", escaped(code));
    });
    this.svg.addEventListener("pointermove", (event) => this.tell(event));
    this.svg.addEventListener("pointerleave", () => this.tell(null));
    this.place.addEventListener("keydown", (event) => {
      const step = this.view[2] / 8, ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (ways[event.key]) this.move(this.view[0] + ways[event.key][0] * step, this.view[1] + ways[event.key][1] * step);
      else if (event.key === "+" || event.key === "=") this.zoom(1.5);
      else if (event.key === "-") this.zoom(1 / 1.5);
      else if (event.key === "0" || event.key === "Escape") this.move(0, 0, this.width);
      else return;
      event.preventDefault();
    });
    for (const button of this.figure.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => {
      if (button.dataset.zoom === "all") this.move(0, 0, this.width);
      else this.zoom(button.dataset.zoom === "in" ? 2 : 0.5);
    });
  }

  tell(event) {
    const shape = event && event.target.dataset && event.target.dataset.code ? event.target : null;
    if (this.on && this.on !== shape) this.on.classList.remove("on");
    this.on = shape;
    this.tip.hidden = !shape || event.pointerType === "touch";
    if (!shape) return;
    shape.classList.add("on");
    this.tip.textContent = (this.said.regions[shape.dataset.code] || [0, 0, shape.dataset.code])[2];
    this.tip.style.left = Math.min(event.clientX + 14, innerWidth - 300) + "px";
    this.tip.style.top = event.clientY + 16 + "px";
  }
}

const figure = document.getElementById("map");
if (figure) {
  const map = new Map_(figure);
  map.start();
  const choice = document.getElementById("cluster"), link = document.getElementById("cluster-page");
  if (choice) choice.addEventListener("change", () => { // the page of the choice: its title, legend and downloads come with it
    const address = new URL(location);
    address.searchParams.set("cluster", choice.value);
    if (!choice.value) address.searchParams.delete("cluster");
    address.hash = "";
    swap(address, map, link);
  });
}

async function swap(address, map, link) {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html"), fresh = page.getElementById("map");
  for (const part of [".map-title", ".legend", ".takes"]) map.figure.querySelector(part).replaceWith(fresh.querySelector(part));
  const other = page.getElementById("cluster-page");
  link.href = other.href;
  link.textContent = other.textContent;
  await map.values(fresh.dataset.cluster);
  history.replaceState(null, "", address);
}
