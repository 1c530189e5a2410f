import type { SoundFault } from './ports.ts'

/** What an operator reads of a source whose sound is faulty. */
const TITLES: Readonly<Record<SoundFault, { readonly title: string; readonly titleVi: string }>> = {
  silence: { title: 'Digital silence', titleVi: 'Im lặng hoàn toàn' },
  'noise-floor': { title: 'Nothing but the hiss or hum of a line', titleVi: 'Chỉ có tiếng nền, tiếng ù của đường truyền' },
  dc: { title: 'Nothing but a constant: a dead sound card', titleVi: 'Chỉ có điện áp một chiều (thiết bị thu hỏng)' },
  noise: { title: 'Nothing but noise', titleVi: 'Chỉ có tạp âm' },
  stuck: { title: 'The same sound over and over', titleVi: 'Lặp đi lặp lại một đoạn âm thanh' },
  clipping: { title: 'Overdriven: peaks are cut off most of the time', titleVi: 'Quá mức: âm thanh bị méo nặng' },
  'wrong-format': { title: 'Read in a wrong format', titleVi: 'Sai định dạng âm thanh' },
}

export const soundFaultView = (fault: SoundFault | null) => (fault === null ? null : { code: fault, ...TITLES[fault] })
