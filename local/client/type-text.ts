/** The part of JSON Schema that the interface's description uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

/** An interface of TypeScript for an object's schema; members with a default may be left out. */
export function interfaceText(name: string, schema: JsonSchema): string {
  return `export interface ${name} ${typeText(schema)}\n`;
}

/**
 * The type of TypeScript that a schema describes.
 *
 * @throws Error for a schema of a kind that is not among those above, rather than `unknown`.
 */
export function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" | ");
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `readonly (${typeText(schema.items ?? {})})[]`;
    case "object":
      return objectText(schema);
    default:
      throw new Error(`There is no type for ${JSON.stringify(schema)}.`);
  }
}

function objectText({ properties = {}, required = [] }: JsonSchema): string {
  const members = Object.entries(properties).map(([name, member]) => {
    const optional = required.includes(name) ? "" : "?";
    // What may be left out may also be given as undefined: that is how options are passed on.
    const absent = optional === "" ? "" : " | undefined";
    return `${comment(member)}  readonly ${name}${optional}: ${typeText(member)}${absent};\n`;
  });
  return `{\n${members.join("")}}`;
}

function comment({ description, default: preset }: JsonSchema): string {
  const shown = preset === undefined || preset === null || Array.isArray(preset) ? null : preset;
  const parts = [description, shown === null ? undefined : `Default ${JSON.stringify(shown)}.`];
  const text = parts.filter((part) => part !== undefined).join(" ");
  return text === "" ? "" : `  /** ${text} */\n`;
}
