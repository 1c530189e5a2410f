import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    title: 'Bắt đầu', step: 'Bước {step} trên 3', later: 'Để sau',
    unitTitle: 'Đơn vị của bạn', unitText: 'Tỉnh có nhiều xã, hay chỉ một xã? Thêm các đơn vị khác sau, ở Hệ thống.', kind: 'Loa này phục vụ', commune: 'Một xã, phường', province: 'Cả tỉnh, thành phố',
    provinceName: 'Tên tỉnh, thành phố', communeName: 'Tên xã, phường', code: 'Mã đơn vị', codeHint: 'Mã hành chính, hoặc mã bạn tự đặt', makeUnit: 'Tạo đơn vị',
    clusterTitle: 'Cụm loa đầu tiên', clusterText: 'Một cụm loa là một thiết bị nhận với các loa trên cột. Bạn có thể thử ngay bằng loa của máy tính này.', clusterName: 'Tên cụm loa', clusterCode: 'Mã cụm loa', makeCluster: 'Tạo cụm loa', unit: 'Thuộc đơn vị',
    soundTitle: 'Âm thanh đầu tiên', soundText: 'Cho máy tính này làm cụm loa «{cluster}»: bấm nút, mở loa máy tính, rồi nghe.', listen: 'Máy tính này làm loa', play: 'Phát tiếng thử 20 giây', orderTitle: 'Tiếng thử đầu tiên', toneName: 'Tiếng thử',
    isOnline: 'Cụm loa đã kết nối', isOnAir: 'Lệnh phát đang chạy', isHeard: 'Loa đang phát', waiting: 'chờ', done: 'xong', heard: 'Tôi đã nghe thấy', notHeard: 'Không nghe thấy? Xem âm lượng máy tính, rồi phát lại.',
    device: 'Có thiết bị thật? Cấp mã ghi danh cho thiết bị', finished: 'Loa đã sẵn sàng', finishedText: 'Tiếp theo: bật xác thực hai bước cho tài khoản, thêm người, thêm cụm loa, đặt lịch phát.', toNow: 'Đến màn hình Đang phát', toAccount: 'Bật xác thực hai bước', toImport: 'Nhập danh sách cụm loa', keyNeeded: 'Cụm loa này đã có khoá riêng. Mở trang cụm loa để nghe thử hoặc cấp mã ghi danh.', toCluster: 'Mở trang cụm loa',
  },
  en: {
    title: 'Begin', step: 'Step {step} of 3', later: 'Later',
    unitTitle: 'Your unit', unitText: 'A province with many communes, or one commune alone? Other units are added later, in System.', kind: 'Loa serves', commune: 'One commune', province: 'A whole province',
    provinceName: 'Name of the province', communeName: 'Name of the commune', code: 'Code of the unit', codeHint: 'The administrative code, or one of your own', makeUnit: 'Make the unit',
    clusterTitle: 'The first cluster', clusterText: 'A cluster is one receiver with the loudspeakers on its pole. You can try at once with the loudspeaker of this computer.', clusterName: 'Name of the cluster', clusterCode: 'Code of the cluster', makeCluster: 'Make the cluster', unit: 'Belongs to',
    soundTitle: 'The first sound', soundText: 'Let this computer be the cluster «{cluster}»: press the button, turn its loudspeaker on, and listen.', listen: 'This computer is the loudspeaker', play: 'Play a test sound for 20 seconds', orderTitle: 'First test sound', toneName: 'Test sound',
    isOnline: 'The cluster is connected', isOnAir: 'The order is on air', isHeard: 'The loudspeaker sounds', waiting: 'waiting', done: 'done', heard: 'I have heard it', notHeard: 'Nothing to hear? Look at the volume of the computer, and play again.',
    device: 'A real device at hand? Give it an enrolment code', finished: 'Loa is ready', finishedText: 'Next: switch on the second factor of your account, add people, add clusters, make a schedule.', toNow: 'To the screen Now', toAccount: 'Switch on the second factor', toImport: 'Import a list of clusters', keyNeeded: 'This cluster has a key of its own. Open its page to listen or to give it an enrolment code.', toCluster: 'Open the page of the cluster',
  },
})
