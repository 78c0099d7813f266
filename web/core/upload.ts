// upload.ts: where elements send files. Not part of the core: it comes with the scripts that use it.
// SPDX-License-Identifier: Apache-2.0

import { address, boot } from "./boot.ts";

/** Where a file of this name is sent as the body of a POST: the answer is JSON, [{ id, name, type, size }], and the id is a value. */
export function uploadAddress(name: string): string {
    return String(address(`_easel/upload?view=${encodeURIComponent(boot.view)}&name=${encodeURIComponent(name)}`));
}
