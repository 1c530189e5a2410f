import { defineWords } from '../../words/define-words.ts'

export const groupWords = defineWords({
  vi: {
    help: 'Nhóm là một lựa chọn được lưu lại, ví dụ «Ven sông»: theo đơn vị, thẻ hoặc vùng vẽ trên bản đồ. Cụm loa mới nằm trong vùng sẽ tự thuộc nhóm. Nhóm dùng được khi ra lệnh phát và điều khiển.',
    add: 'Thêm nhóm', edit: 'Sửa nhóm {name}', none: 'Chưa có nhóm nào.', name: 'Tên nhóm', addUnit: 'Thêm đơn vị', tags: 'Thẻ', tagsHint: 'Cách nhau bằng khoảng trắng', match: 'Cụm loa thuộc nhóm khi', any: 'khớp một trong các điều trên', allOf: 'khớp tất cả các điều trên', area: 'Vùng trên bản đồ', areaHint: 'Vẽ vùng trên bản đồ; các cụm nằm trong vùng sẽ được chọn.', areaKept: 'Vùng của nhóm này được vẽ ở nơi khác và giữ nguyên.',
    preview: '{count, plural, other {# cụm loa}}, {online} đang kết nối', nobody: 'Chưa có cụm loa nào.', choose: 'Chọn đơn vị, thẻ hoặc vẽ một vùng.', members: 'Các cụm loa', remove: 'Xoá nhóm', removeText: 'Nhóm «{name}» bị xoá. Các cụm loa không thay đổi.', take: 'Bỏ {name}', hasArea: 'có vùng trên bản đồ', circles: '{count} vòng tròn giữ nguyên',
  },
  en: {
    help: 'A group is a selection that is kept, such as «By the river»: by unit, tag or an area on the map. A new cluster in the area is in the group by itself. Groups can be given orders and commands.',
    add: 'Add a group', edit: 'Change the group {name}', none: 'No groups yet.', name: 'Name of the group', addUnit: 'Add a unit', tags: 'Tags', tagsHint: 'With blanks between them', match: 'A cluster is in it when', any: 'one of these fits', allOf: 'all of these fit', area: 'Area on the map', areaHint: 'Draw an area: clusters within it are meant.', areaKept: 'The area of this group was made elsewhere and stays as it is.',
    preview: '{count, plural, one {# cluster} other {# clusters}}, {online} online', nobody: 'No cluster yet.', choose: 'Choose units or tags, or draw an area.', members: 'The clusters', remove: 'Remove the group', removeText: 'The group «{name}» goes. Clusters stay as they are.', take: 'Remove {name}', hasArea: 'with an area on the map', circles: '{count, plural, one {# circle stays} other {# circles stay}}',
  },
})
