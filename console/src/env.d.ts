/** A schema of the API, see plugins/api-schemas.ts. */
declare module 'api-schema:*' {
  const schema: Readonly<Record<string, unknown>>
  export default schema
}

/** Outlines of provinces, see plugins/provinces.ts. */
declare module 'viet-nam-provinces' {
  const file: { readonly lines: readonly (readonly number[])[]; readonly names: readonly { readonly name: string; readonly lat: number; readonly lon: number; readonly always?: true }[] }
  export default file
}
