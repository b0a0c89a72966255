// SPDX-License-Identifier: MIT
// Writes a config file from an object: {section: {key: value}}; undefined values are left out.
export function configText(sections) {
  let text = "";
  for (const [section, keys] of Object.entries(sections)) {
    if (!keys) continue;
    text += `[${section}]\n`;
    for (const [key, value] of Object.entries(keys))
      if (value !== undefined) text += `${key} = ${value}\n`;
    text += "\n";
  }
  return text;
}
