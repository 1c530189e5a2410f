import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    title: 'Đăng nhập', login: 'Tên đăng nhập', password: 'Mật khẩu', code: 'Mã xác thực 6 số', codeHint: 'Trong ứng dụng xác thực trên điện thoại, hoặc một mã dự phòng', enter: 'Đăng nhập', forgot: 'Quên mật khẩu hay mất điện thoại? Người quản trị của đơn vị đặt lại được.',
    practise: 'Đây là máy chủ tập dượt. Chọn một người để vào:', toPractice: 'Chưa quen? Vào máy chủ tập dượt',
    firstTitle: 'Bắt đầu dùng Loa', firstText: 'Chưa có người dùng nào. Tạo người quản trị đầu tiên: mất khoảng một phút.', token: 'Mã quản trị', tokenHint: 'Máy chủ hiện mã này một lần khi khởi động lần đầu, trong cửa sổ dòng lệnh', name: 'Họ và tên', newLogin: 'Tên đăng nhập', newLoginHint: 'Chữ không dấu, số, dấu chấm; ví dụ lan.nguyen', newPassword: 'Mật khẩu', newPasswordHint: 'Ít nhất 12 ký tự. Nên dùng bốn từ ghép lại, dễ nhớ mà khó đoán.',
    alsoOfficer: 'Người này cũng được phát khẩn cấp', create: 'Tạo và đăng nhập', wrongToken: 'Mã quản trị không đúng. Xem lại cửa sổ nơi máy chủ khởi động.',
  },
  en: {
    title: 'Log in', login: 'Login', password: 'Password', code: 'Six-digit code', codeHint: 'From the authenticator on your phone, or a recovery code', enter: 'Log in', forgot: 'Forgotten the password, or lost the phone? The administrator of your unit can reset it.',
    practise: 'This is a server to practise on. Choose who to be:', toPractice: 'New here? To the practice server',
    firstTitle: 'Begin with Loa', firstText: 'There is no user yet. Make the first administrator: it takes about a minute.', token: 'Administrator token', tokenHint: 'The server shows it once, when it is first started, in its terminal', name: 'Full name', newLogin: 'Login', newLoginHint: 'Letters, digits, dots; such as lan.nguyen', newPassword: 'Password', newPasswordHint: 'At least 12 characters. Four words together are easy to remember and hard to guess.',
    alsoOfficer: 'He or she may also give emergencies', create: 'Create and log in', wrongToken: 'The token is wrong. Look again at the window where the server was started.',
  },
})
