using Microsoft.Azure.Functions.Worker;
using Serverless.Web.Maintenance;

namespace Serverless.Functions;

/// <summary>The one timer: it has the tasks done that are due.</summary>
public sealed class MaintenanceFunction(MaintenanceRunner runner)
{
    /// <summary>
    /// The app setting with the schedule, in NCRONTAB. Its name is flat: the host turns <c>__</c> in names of the environment into <c>:</c> before it looks one up, so that a
    /// name with underscores in it is never found, and the function left out.
    /// </summary>
    public const string ScheduleSetting = "MaintenanceSchedule";

    [Function("Maintenance")]
    public async Task RunAsync([TimerTrigger($"%{ScheduleSetting}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        var outcome = await runner.RunAsync(cancellationToken);
        // The host and whoever is alerted by it see that not all went well.
        if (outcome.Failed) throw new AggregateException("Not all tasks were done; they are done again at their next time.", outcome.Failures);
    }
}
