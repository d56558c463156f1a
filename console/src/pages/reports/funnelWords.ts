/** What the funnel says. */

import { words } from '../../language/words';

export const useFunnelWords = words(
  'funnel',
  {
    title: '會員漏斗', lead: '從訪客到粉絲，每一步走過多少人、花了多久，一眼看出人在哪裡停下來。',
    visitor: '訪客', member: '未購會員', first_time: '首購客', repeat: '回購客', loyal: '熟客', fan: '粉絲',
    at_visitor: '首次來訪', at_member: '入會', at_first_time: '首購', at_repeat: '再次購買', at_loyal: '成為熟客', at_fan: '成為粉絲',
    visitor_is: '還沒有會員編號，也沒下過單', member_is: '已是會員，還沒下單', first_time_is: '下過一張訂單，含訪客訂購', repeat_is: '下過兩張以上訂單', loyal_is: '{orders} 張以上訂單，且 {days} 天內有下單', fan_is: '熟客，且一年內分享、評論或推薦過',
    soFar: '到達過', there: '目前在這裡', conversion: '轉換率', stage: '階段', onTime: '{median} 天', quartiles: '{low}～{high} 天', middle: '中位數', middleHalf: '中間一半的人', waiting: '還沒走到', backwards: '順序相反', measured: '已走完',
    steps: '各步驟花多久', stepsLead: '只計算已走完這一步的人；還沒走到的人不列入，因此新商店的天數會偏短。', step: '步驟', sameDay: '當天', nobodyYet: '還沒有人', everybody: '共 {n} 人',
    worst: '流失最多的一步：{from} → {to}，只有 {share} 走過，{n} 人停在{from}。', worstOpen: '把停下來的人建立為客群', none: '還沒有人', noneText: '裝上追蹤碼或匯入訂單與會員後，這裡會顯示每個人走到哪一步。',
  },
  {
    title: 'Funnel', lead: 'From visitor to fan: how many took each step, how long it took them, and where people stop.',
    visitor: 'Visitors', member: 'Members without an order', first_time: 'First-time buyers', repeat: 'Repeat buyers', loyal: 'Loyal customers', fan: 'Fans',
    at_visitor: 'First seen', at_member: 'Member', at_first_time: 'First order', at_repeat: 'Second order', at_loyal: 'Loyal', at_fan: 'Fan',
    visitor_is: 'No member id and no order yet', member_is: 'Member, no order yet', first_time_is: 'One order, guests too', repeat_is: 'Two orders or more', loyal_is: '{orders} orders or more, one of them within {days} days', fan_is: 'Loyal, and shared, reviewed or referred within a year',
    soFar: 'Came this far', there: 'Are here now', conversion: 'Conversion', stage: 'Stage', onTime: '{median} days', quartiles: '{low} to {high} days', middle: 'Median', middleHalf: 'Middle half', waiting: 'Not there yet', backwards: 'Other way round', measured: 'Took it',
    steps: 'How long steps take', stepsLead: 'Of those who took the step. Who has not yet is not counted, so a young shop’s steps look shorter than they are.', step: 'Step', sameDay: 'same day', nobodyYet: 'nobody yet', everybody: '{n} people in all',
    worst: 'Most people stop here: {from} → {to}. Only {share} went on; {n} stand at “{from}”.', worstOpen: 'Make a segment of those who stopped', none: 'Nobody yet', noneText: 'Install the tracking code, or import orders and members: then this shows how far everybody has come.',
  },
);
