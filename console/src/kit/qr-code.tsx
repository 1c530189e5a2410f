import qrcode from 'qrcode-generator'
import { useMemo } from 'react'

/** A square code as vectors, so that it is sharp on paper too. Nothing of the text goes anywhere else. */
export function QrCode({ text, label, size = 192 }: { readonly text: string; readonly label: string; /** px */ readonly size?: number }) {
  const { count, path } = useMemo(() => {
    const code = qrcode(0, 'M')
    code.addData(text, 'Byte')
    code.make()
    const modules = code.getModuleCount()
    let drawn = ''
    for (let row = 0; row < modules; row++) for (let column = 0; column < modules; column++) if (code.isDark(row, column)) drawn += `M${String(column)} ${String(row)}h1v1h-1z`
    return { count: modules, path: drawn }
  }, [text])
  // Four modules of quiet around it (ISO/IEC 18004), black on white in every theme.
  return <svg role="img" aria-label={label} width={size} height={size} viewBox={`-4 -4 ${String(count + 8)} ${String(count + 8)}`} shapeRendering="crispEdges"><rect x={-4} y={-4} width={count + 8} height={count + 8} fill="#fff" /><path d={path} fill="#000" /></svg>
}
