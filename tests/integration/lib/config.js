// SPDX-License-Identifier: MIT
// Writes a config file from an object: {section: {key: value}}; undefined values are left out,
// an array is a key given again and again.
export function configText(sections) {
  let text = "";
  for (const [section, keys] of Object.entries(sections)) {
    if (!keys) continue;
    text += `[${section}]\n`;
    for (const [key, value] of Object.entries(keys))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) text += `${key} = ${one}\n`;
    text += "\n";
  }
  return text;
}
