import { CopyButton } from '../../kit/copy-button.tsx'

/** Something to type elsewhere. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div className="copy-field">
      <span className="small quiet">{label}</span>
      <code>{value}</code>
      <CopyButton text={value} what={label} />
    </div>
  )
}
