// The figures of the other rooms: each with its table and, where it has one, its chart.
async function rooms() {
  for (const [name, figure] of Object.entries(D.figures)) {
    const list = (figure.columns[0] || { values: [] }).values.map((_, i) => i);
    table(name + "-table", figure.columns.map((column) => ({ ...column, value: (i) => column.values[i] })), list);
    if (figure.chart) await draw(name, figure.chart);
  }
}
