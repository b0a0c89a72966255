/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draft.h"

/* Most bytes of a finding that are shown. */
#define SHOWN_MAX 1024

void findings_add(struct config_findings *findings, bool warning, const struct config_place *place,
                  const char *key, const char *text)
{
    findings->errors += !warning;
    if (findings->count > CONFIG_FINDINGS_MAX)
        return;
    bool last = findings->count == CONFIG_FINDINGS_MAX;
    findings->findings =
        memory_resize(findings->findings, findings->count + 1, sizeof(*findings->findings));
    findings->findings[findings->count++] = (struct config_finding){
        .warning = warning,
        .file = memory_string(last ? NULL : place->file),
        .line = last ? 0 : place->line,
        .key = memory_string(last ? NULL : key),
        .text = memory_string(last ? "there is more, which is not listed" : text),
    };
}

/* Whether a comes after b: in the same file, at a later line. Files keep the order of their first
 * finding. */
static bool is_after(const struct config_findings *findings, size_t a, size_t b)
{
    const struct config_finding *all = findings->findings;
    if (text_equal(all[a].file, all[b].file))
        return all[a].line > all[b].line;
    size_t first = 0;
    while (!text_equal(all[first].file, all[a].file) && !text_equal(all[first].file, all[b].file))
        first++;
    return text_equal(all[first].file, all[b].file);
}

void config_findings_sort(struct config_findings *findings)
{
    for (size_t i = 1; i < findings->count; i++)
        for (size_t at = i; at > 0 && is_after(findings, at - 1, at); at--) {
            struct config_finding moved = findings->findings[at];
            findings->findings[at] = findings->findings[at - 1];
            findings->findings[at - 1] = moved;
        }
}

void config_findings_clear(struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->findings[i].file);
        free(findings->findings[i].key);
        free(findings->findings[i].text);
    }
    free(findings->findings);
    *findings = (struct config_findings){0};
}

void config_finding_print(struct text *out, const struct config_finding *finding)
{
    AUTOTEXT struct text line = {0};
    if (finding->file)
        text_append_string(&line, finding->file);
    if (finding->file && finding->line)
        text_appendf(&line, ":%u", finding->line);
    if (finding->file)
        text_append_string(&line, ": ");
    if (finding->warning)
        text_append_string(&line, "warning: ");
    if (finding->key)
        text_appendf(&line, "%s: ", finding->key);
    text_append_string(&line, finding->text);
    text_append_escaped(out, line.data, line.size, SHOWN_MAX);
    text_append_char(out, '\n');
}
