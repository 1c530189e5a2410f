import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    units: 'Đơn vị', groups: 'Nhóm', clusters: 'Cụm loa', tags: 'Thẻ', find: 'Tìm đơn vị, nhóm, cụm loa', hint: 'Gõ tên không cần dấu. Mũi tên để chọn, Enter để thêm hoặc bỏ.', chosen: 'Đã chọn', nothingChosen: 'Chưa chọn nơi nào', take: 'Bỏ {name}',
    unknown: 'không rõ', drawn: 'Vùng vẽ trên bản đồ',
  },
  en: {
    units: 'Unit', groups: 'Group', clusters: 'Cluster', tags: 'Tag', find: 'Find units, groups, clusters', hint: 'Type a name, accents are not needed. Arrows to move, Enter to add or take away.', chosen: 'Chosen', nothingChosen: 'Nothing chosen yet', take: 'Take away {name}',
    unknown: 'unknown', drawn: 'Area drawn on the map',
  },
})
