import { lazy } from 'react'
import { Route, Switch } from 'wouter'
import './clusters.css'
import { RegisterPage } from './register-page.tsx'

const ClusterPage = lazy(() => import('./cluster-page.tsx'))
const NewClusterPage = lazy(() => import('./new-cluster-page.tsx'))
const ImportPage = lazy(() => import('./import-page.tsx'))
const CodesPage = lazy(() => import('./codes-page.tsx'))
const GroupsPage = lazy(() => import('./groups-page.tsx'))
const TicketsPage = lazy(() => import('./tickets-page.tsx'))
const TicketPage = lazy(() => import('./ticket-page.tsx'))
const RoadPage = lazy(() => import('./road-page.tsx'))

/** `/clusters/…`: the register, and the ways from it. */
export default function Clusters() {
  return (
    <Switch>
      <Route path="/clusters" component={RegisterPage} />
      <Route path="/clusters/new" component={NewClusterPage} />
      <Route path="/clusters/import" component={ImportPage} />
      <Route path="/clusters/codes" component={CodesPage} />
      <Route path="/clusters/groups" component={GroupsPage} />
      <Route path="/clusters/tickets" component={TicketsPage} />
      <Route path="/clusters/tickets/:id">{({ id }) => <TicketPage id={id} />}</Route>
      <Route path="/clusters/road" component={RoadPage} />
      <Route path="/clusters/:id">{({ id }) => <ClusterPage key={id} id={id} />}</Route>
    </Switch>
  )
}
