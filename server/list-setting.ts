/** The items of a comma-separated setting, without blanks. */
export const listOf = (text: string): string[] => text.split(',').map((item) => item.trim()).filter((item) => item !== '')
