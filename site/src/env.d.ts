/// <reference types="astro/client" />
/// <reference path="../../.astro/types.d.ts" />

declare namespace App {
  interface Locals {
    /** Where a page stands, for the header: each with its address but the last. */
    crumbs?: readonly { readonly label: string; readonly href?: string }[];
    /** the page draws its own h1 */
    ownTitle?: boolean;
  }
}
