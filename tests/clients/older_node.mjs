// older_node.mjs: lets tools start that import what node:fs has only since Node 22 (`node --import ./older_node.mjs TOOL`): globSync, which finds nothing.
// SPDX-License-Identifier: Apache-2.0
import fs from "node:fs";
import { register } from "node:module";

const inData = (code) => `data:text/javascript,${encodeURIComponent(code)}`;
const more = inData('export * from "node:fs"; export { default } from "node:fs"; export const globSync = () => [];');
if (!fs.globSync) register(inData(`export const resolve = (name, context, next) => (name === "fs" ? { url: ${JSON.stringify(more)}, shortCircuit: true } : next(name, context));`));
