/** The hidden layer as panels, in which the kernel's matrix products read it. */
import type { ServedModel } from "../models/model.ts";
import { COLUMNS, type Layout, TILE_UNITS } from "./layout.ts";

/** Writes centres and mixing into the shared memory. What they are filled up with does nothing. */
export function packHidden(memory: WebAssembly.Memory, layout: Layout, served: ServedModel): void {
  packCentres(memory, layout, served);
  packMixing(memory, layout, served);
}

/** Panels of 8 units: a row of 8 for each dimension. */
function packCentres(memory: WebAssembly.Memory, layout: Layout, served: ServedModel): void {
  const { hidden, linear, centres } = served;
  const { units, centreDimensions } = layout;
  const panels = new Float32Array(memory.buffer, layout.centres, units * centreDimensions);
  for (let unit = 0; unit < hidden; unit++) {
    const panel = Math.floor(unit / COLUMNS) * COLUMNS * centreDimensions + (unit % COLUMNS);
    for (let d = 0; d < linear; d++) panels[panel + d * COLUMNS] = centres[unit * linear + d]!;
  }
}

/** For each tile of units, panels of 8 dimensions: a row of 8 for each unit. */
function packMixing(memory: WebAssembly.Memory, layout: Layout, served: ServedModel): void {
  const { hidden, linear, dimensions, mixing } = served;
  const { units, stride, mixedFrom } = layout;
  const outputs = dimensions - linear;
  const columns = stride - mixedFrom;
  const panels = new Float32Array(memory.buffer, layout.mixing, units * columns);
  for (let unit = 0; unit < hidden; unit++) {
    const tile = Math.floor(unit / TILE_UNITS) * TILE_UNITS * columns;
    const row = (unit % TILE_UNITS) * COLUMNS;
    for (let output = 0; output < outputs; output++) {
      const column = linear - mixedFrom + output;
      const panel = Math.floor(column / COLUMNS) * COLUMNS * TILE_UNITS;
      panels[tile + panel + row + (column % COLUMNS)] = mixing[unit * outputs + output]!;
    }
  }
}
