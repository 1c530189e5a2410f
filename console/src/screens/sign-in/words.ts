import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: { title: 'Đăng nhập', login: 'Tên đăng nhập', password: 'Mật khẩu', code: 'Mã xác thực 6 số', codeHint: 'Trong ứng dụng xác thực trên điện thoại, hoặc một mã dự phòng', enter: 'Đăng nhập' },
  en: { title: 'Log in', login: 'Login', password: 'Password', code: 'Six-digit code', codeHint: 'From the authenticator on your phone, or a recovery code', enter: 'Log in' },
})
