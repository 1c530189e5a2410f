import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    title: 'Tài khoản', help: 'Mật khẩu, xác thực hai bước và các nơi bạn đang đăng nhập. Nếu mất điện thoại, dùng một mã dự phòng để vào, hoặc nhờ người quản trị.',
    everywhere: 'mọi đơn vị', isToken: 'Bạn vào bằng mã truy cập của chương trình, không có tài khoản.',
    passwordTitle: 'Mật khẩu', oldPassword: 'Mật khẩu hiện nay', newPassword: 'Mật khẩu mới', newPasswordHint: 'Ít nhất 12 ký tự. Bốn từ ghép lại thì dễ nhớ mà khó đoán.', changePassword: 'Đổi mật khẩu', passwordChanged: 'Đã đổi mật khẩu. Mọi nơi khác đã bị đăng xuất.',
    factorTitle: 'Xác thực hai bước', factorOff: 'Chưa bật. Người biết mật khẩu của bạn sẽ vào được.', factorOn: 'Đang bật. Còn {count} mã dự phòng.', turnOn: 'Bật', turnOff: 'Tắt', provePassword: 'Nhập mật khẩu để tiếp tục', go: 'Tiếp tục',
    scan: 'Mở ứng dụng xác thực trên điện thoại (Google Authenticator, Microsoft Authenticator…), quét ô vuông này, rồi nhập mã 6 số hiện ra.', secret: 'Không quét được? Nhập mã này:', code: 'Mã 6 số', confirm: 'Xác nhận', qr: 'Ô vuông để quét',
    recoveryTitle: 'Mã dự phòng', recoveryText: 'Mỗi mã dùng được một lần khi không có điện thoại. Chép hoặc in ra và cất kỹ: chúng không hiện lại nữa.', keptThem: 'Tôi đã cất chúng',
    sessionsTitle: 'Đang đăng nhập ở', here: 'nơi này', since: 'từ {time}', end: 'Đăng xuất nơi đó', ended: 'Đã đăng xuất nơi đó',
  },
  en: {
    title: 'Account', help: 'Your password, second factor and the places where you have logged in. If you lose your phone, use a recovery code, or ask the administrator.',
    everywhere: 'all units', isToken: 'You came with the token of a program, which has no account.',
    passwordTitle: 'Password', oldPassword: 'Present password', newPassword: 'New password', newPasswordHint: 'At least 12 characters. Four words together are easy to remember and hard to guess.', changePassword: 'Change the password', passwordChanged: 'The password is changed. All other places are logged out.',
    factorTitle: 'Second factor', factorOff: 'Off. Whoever knows your password gets in.', factorOn: 'On. {count} recovery codes are left.', turnOn: 'Switch on', turnOff: 'Switch off', provePassword: 'Your password, to go on', go: 'Go on',
    scan: 'Open the authenticator on your phone (Google Authenticator, Microsoft Authenticator, …), scan this square, and type the six digits it shows.', secret: 'It cannot be scanned? Type this:', code: 'Six digits', confirm: 'Confirm', qr: 'Square to scan',
    recoveryTitle: 'Recovery codes', recoveryText: 'Each is good once when the phone is not there. Copy or print them and keep them safe: they are not shown again.', keptThem: 'I have kept them',
    sessionsTitle: 'Logged in at', here: 'this place', since: 'since {time}', end: 'Log out there', ended: 'Logged out there',
  },
})
