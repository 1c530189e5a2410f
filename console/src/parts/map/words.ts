import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    map: 'Bản đồ cụm loa. Phím mũi tên để di chuyển, + và − để phóng to, thu nhỏ. Danh sách bên cạnh có cùng nội dung.', zoomIn: 'Phóng to', zoomOut: 'Thu nhỏ', fit: 'Xem tất cả cụm loa',
    draw: 'Vẽ vùng', drawAgain: 'Vẽ lại vùng', drawHint: 'Chạm lên bản đồ để đặt từng góc của vùng, ít nhất ba góc.', drawn: '{count} góc', corner: 'Đặt góc ở giữa bản đồ', undoCorner: 'Bỏ góc cuối', finish: 'Xong', removeArea: 'Xoá vùng',
    outlines: 'Ranh giới: Natural Earth', pickHint: 'Chạm lên bản đồ để chọn vị trí.', pickHere: 'Chọn vị trí giữa bản đồ',
  },
  en: {
    map: 'Map of clusters. Arrow keys move it, + and − zoom. The list beside it holds the same.', zoomIn: 'Zoom in', zoomOut: 'Zoom out', fit: 'See all clusters',
    draw: 'Draw an area', drawAgain: 'Draw the area again', drawHint: 'Press on the map to put each corner of the area, three at least.', drawn: '{count, plural, one {# corner} other {# corners}}', corner: 'Put a corner at the middle of the map', undoCorner: 'Take back the last corner', finish: 'Done', removeArea: 'Remove the area',
    outlines: 'Outlines: Natural Earth', pickHint: 'Press on the map to choose the place.', pickHere: 'Choose the middle of the map',
  },
})
