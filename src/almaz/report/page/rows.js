// The rows of the portfolio, and the names of regions and clusters.
const regionName = (code) => D.regions[code], clusterName = (code) => D.clusters[code][0];

// One object per region × cluster, from the columns of the edition. Labels come as [values, index of each row's value].
const rows = [];
{
  const columns = Object.entries(D.rows).map(([name, held]) => [name, held.length === 2 && Array.isArray(held[0]) ? held[1].map((i) => i < 0 ? null : held[0][i]) : held]);
  for (let i = 0; i < columns[0][1].length; i++) {
    const row = {};
    for (const [name, values] of columns) row[name] = values[i];
    row.kind = D.clusters[row.cluster][1];
    row.strong = ["strong", "strong10"].includes(row.us_cluster_mapping);
    row.colour = row.strong ? D.palette.strong : row.kind === "local" ? D.palette.local : D.palette.other;
    rows.push(row);
  }
}
const byRegion = Map.groupBy ? Map.groupBy(rows, (row) => row.region) : rows.reduce((all, row) => all.set(row.region, [...(all.get(row.region) || []), row]), new Map());
