// Downloads: the table as CSV (numbers with a point, for machines) or as an Excel sheet, the picture as PNG or SVG.
function save(name, content, type) {
  const link = document.createElement("a");
  link.href = type ? URL.createObjectURL(new Blob([content], { type })) : content; // without a type it is an address already
  link.download = D.file + "-" + name;
  link.click();
}
// A text that a spreadsheet would take for a formula is kept a text.
const guarded = (text) => /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
function cells({ columns, list }) {
  const whole = columns.flatMap((column) => [{ head: column.name || column.head, value: column.value }, ...(column.also || [])]);
  return [whole.map((column) => column.head), ...list.map((row) => whole.map((column) => column.value(row)))];
}

function csv(held) {
  const written = (value) => value == null ? "" : typeof value === "number" ? String(value) : '"' + guarded(String(value)).replaceAll('"', '""') + '"';
  return "\ufeff" + cells(held).map((line) => line.map(written).join(",")).join("\r\n") + "\r\n";
}

// A workbook of one sheet: the least that Office Open XML asks for, stored in a zip without compression.
function workbook(held) {
  const safe = (text) => String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const cell = (value) => value == null ? "<c/>" : typeof value === "number" ? "<c><v>" + value + "</v></c>" : '<c t="inlineStr"><is><t xml:space="preserve">' + safe(value) + "</t></is></c>";
  const lines = cells(held).map((line) => "<row>" + line.map(cell).join("") + "</row>").join("");
  const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', office = "http://schemas.openxmlformats.org/";
  const main = 'xmlns="' + office + 'spreadsheetml/2006/main"', ties = office + "officeDocument/2006/relationships", kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
  return zipped({
    "[Content_Types].xml": xml + '<Types xmlns="' + office + 'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="' + kind + 'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="' + kind + 'worksheet+xml"/></Types>',
    "_rels/.rels": xml + '<Relationships xmlns="' + office + 'package/2006/relationships"><Relationship Id="r1" Type="' + ties + '/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": xml + "<workbook " + main + ' xmlns:r="' + ties + '"><sheets><sheet name="Almaz" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": xml + '<Relationships xmlns="' + office + 'package/2006/relationships"><Relationship Id="r1" Type="' + ties + '/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": xml + "<worksheet " + main + "><sheetData>" + lines + "</sheetData></worksheet>",
  });
}

function zipped(parts) {
  const encoder = new TextEncoder(), local = [], central = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const title = encoder.encode(name), content = encoder.encode(text), sum = crc32(content);
    const record = (signature, extra) => {
      const view = new DataView(new ArrayBuffer(signature === 0x04034b50 ? 30 : 46)), shift = signature === 0x04034b50 ? 0 : 2;
      view.setUint32(0, signature, true);
      if (shift) view.setUint16(4, 20, true);
      view.setUint16(4 + shift, 20, true);
      view.setUint16(6 + shift, 0x0800, true); // names are UTF-8
      view.setUint16(12 + shift, 0x5821, true); // a fixed day: the same table gives the same bytes
      view.setUint32(14 + shift, sum, true);
      view.setUint32(18 + shift, content.length, true);
      view.setUint32(22 + shift, content.length, true);
      view.setUint16(26 + shift, title.length, true);
      if (shift) view.setUint32(42, extra, true);
      return new Uint8Array(view.buffer);
    };
    local.push(record(0x04034b50), title, content);
    central.push(record(0x02014b50, offset), title);
    offset += 30 + title.length + content.length;
  }
  const end = new DataView(new ArrayBuffer(22)), number = Object.keys(parts).length;
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, number, true);
  end.setUint16(10, number, true);
  end.setUint32(12, central.reduce((sum, part) => sum + part.length, 0), true);
  end.setUint32(16, offset, true);
  return new Blob([...local, ...central, end.buffer]);
}

function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return (sum ^ -1) >>> 0;
}

const SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
function offerDownloads() {
  for (const place of document.querySelectorAll(".downloads")) {
    const chart = place.dataset.chart, name = place.dataset.table;
    const button = (text, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.ariaLabel = W.download + " " + text;
      made.addEventListener("click", act);
      place.append(made);
    };
    button("CSV", () => save(name + ".csv", csv(tables[name]), "text/csv"));
    button("XLSX", () => save(name + ".xlsx", workbook(tables[name]), SHEET));
    if (chart) for (const form of ["png", "svg"]) button(form.toUpperCase(), async () => views[chart] && save(chart + "." + form, await views[chart].toImageURL(form, form === "png" ? 2 : 1)));
  }
}
