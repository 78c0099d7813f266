// form.ts: Enter in a field does not submit a form that does not want it.
// SPDX-License-Identifier: Apache-2.0

document.addEventListener("keydown", (e) => {
    const field = e.target as Element;
    if (e.key === "Enter" && field instanceof HTMLInputElement && field.closest("form[data-ez-form][data-no-enter]")) e.preventDefault();
}, true);
