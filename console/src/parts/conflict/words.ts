import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: { title: 'Người khác vừa sửa mục này', text: 'Những chỗ cả hai cùng sửa:', none: 'Người kia sửa chỗ khác; có thể lưu bản của bạn.', field: 'Mục', mine: 'Của bạn', theirs: 'Hiện nay', keepMine: 'Lưu bản của tôi', takeTheirs: 'Lấy bản hiện nay' },
  en: { title: 'Somebody else has just changed this', text: 'What both of you changed:', none: 'The other change was elsewhere; yours can be saved.', field: 'Field', mine: 'Yours', theirs: 'As it is', keepMine: 'Save mine', takeTheirs: 'Take what is there' },
})
