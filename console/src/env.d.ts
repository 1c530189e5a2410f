/** A schema of the API, see plugins/api-schemas.ts. */
declare module 'api-schema:*' {
  const schema: Readonly<Record<string, unknown>>
  export default schema
}

/** Outlines of provinces, see plugins/provinces.ts. */
declare module 'viet-nam-provinces' {
  const file: import('./parts/map/outlines.ts').ProvinceFile
  export default file
}
