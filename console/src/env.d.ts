/** A schema of the API, see plugins/api-schemas.ts. */
declare module 'api-schema:*' {
  const schema: Readonly<Record<string, unknown>>
  export default schema
}
