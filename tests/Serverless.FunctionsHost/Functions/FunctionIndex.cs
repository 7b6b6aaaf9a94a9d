using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Extensions.Options;
using NCrontab;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Queues;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Functions;

/// <summary>All functions of an app. The host indexes them once, when it starts, and refuses those that it cannot run; here the whole app is refused then.</summary>
internal sealed class FunctionIndex
{
    private static readonly string[] s_reserved = ["admin", "runtime"];

    /// <summary>The routes in the order of the functions' names, in which the host tries them.</summary>
    public required IReadOnlyList<FunctionRoute> Routes { get; init; }

    /// <summary>The timers that are not disabled.</summary>
    public required IReadOnlyDictionary<string, TimerTrigger> Timers { get; init; }

    /// <summary>The queue functions that are not disabled.</summary>
    public required IReadOnlyDictionary<string, QueueTrigger> Queues { get; init; }

    /// <summary>The functions to which nothing is given; the routes of those keep others out all the same.</summary>
    public required DisabledFunctions Disabled { get; init; }

    public static FunctionIndex Create(PublishedFolder app, AppSettings settings)
    {
        var routeOptions = new RouteOptions();
        routeOptions.SetParameterPolicy<RegexInlineRouteConstraint>("regex");
        using var services = new ServiceCollection().BuildServiceProvider();
        var resolver = new DefaultInlineConstraintResolver(Options.Create(routeOptions), services);
        FunctionRoute[] routes = [.. app.Functions.OfType<FunctionMetadata.Http>().Select(f => new FunctionRoute(f, app.Host.RoutePrefix, resolver))];
        CheckRoutes(routes);
        var disabled = new DisabledFunctions(app.Functions, settings);
        var enabled = app.Functions.Where(f => !disabled.Contains(f.Name)).ToArray();
        return new FunctionIndex
        {
            Routes = routes,
            Timers = enabled.OfType<FunctionMetadata.Timer>().ToDictionary(f => f.Name, f => new TimerTrigger(f, ReadSchedule(f, settings)), StringComparer.OrdinalIgnoreCase),
            Queues = enabled.OfType<FunctionMetadata.Queue>().ToDictionary(f => f.Name, f => QueueTrigger.Create(f, settings), StringComparer.OrdinalIgnoreCase),
            Disabled = disabled,
        };
    }

    private static void CheckRoutes(FunctionRoute[] routes)
    {
        foreach (var route in routes)
        {
            if (s_reserved.Contains(route.FirstSegment, StringComparer.OrdinalIgnoreCase)) throw new HostRefusesException($"The route of '{route.Function.Name}' begins with a segment that is the host's own.");
        }

        foreach (var same in routes.GroupBy(r => r.Key).Where(g => g.Count() > 1))
        {
            throw new HostRefusesException($"The functions {string.Join(", ", same.Select(r => $"'{r.Function.Name}'"))} have the same route.");
        }
    }

    private static CrontabSchedule ReadSchedule(FunctionMetadata.Timer timer, AppSettings settings)
    {
        var expression = settings.Resolve(timer.Schedule, timer.Name);
        // With seconds, as NCRONTAB has them.
        return CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
            ?? throw new HostRefusesException($"The function '{timer.Name}' is not run: '{expression}' is no NCRONTAB expression of six fields.");
    }
}
