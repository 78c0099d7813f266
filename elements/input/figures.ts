// figures.ts: numbers as a person reads them, by a printf format: the browser's half of field_number in field.c.
// SPDX-License-Identifier: Apache-2.0

const CONVERSION = /%([-+ #0]*)(\d*)(?:\.(\d+))?([difgeFGE])/;

/** v with so many digits after the point, or, below 0, the shortest that reads back equal; format wins over digits. */
export function figure(v: number, format: string | undefined, digits: number): string {
    const found = format && CONVERSION.exec(format.replaceAll("%%", "\0\0"));
    if (!format || !found) return digits < 0 ? String(v) : v.toFixed(digits);
    const [all, flags = "", width = "", precision, kind = "f"] = found;
    const places = precision === undefined ? 6 : Number(precision);
    let text = "";
    switch (kind.toLowerCase()) {
        case "d": case "i": text = v.toFixed(0); break;
        case "e": text = v.toExponential(places).replace(/e([+-])(\d)$/, "e$10$2"); break;
        case "g": text = String(Number(v.toPrecision(places || 1))); break;
        default: text = v.toFixed(places);
    }
    if (kind === "E" || kind === "G") text = text.toUpperCase();
    if (v >= 0 && flags.includes("+")) text = `+${text}`;
    else if (v >= 0 && flags.includes(" ")) text = ` ${text}`;
    if (flags.includes("-")) text = text.padEnd(Number(width));
    else if (flags.includes("0")) text = text.replace(/^([+ -]?)(.*)$/, (_, sign: string, rest: string) => sign + rest.padStart(Number(width) - sign.length, "0"));
    else text = text.padStart(Number(width));
    const at = found.index;
    return (format.slice(0, at) + text + format.slice(at + all.length)).replaceAll("%%", "%");
}

/** The digits after the point that a number shows when it is written out. */
export function digitsOf(v: number): number {
    const text = String(v), point = text.indexOf(".");
    return text.includes("e-") ? Number(text.split("e-")[1]) : point < 0 ? 0 : text.length - point - 1;
}
