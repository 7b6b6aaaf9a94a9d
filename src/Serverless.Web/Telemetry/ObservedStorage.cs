using Serverless.Registry.Storage;
using Serverless.Web.Settings;

namespace Serverless.Web.Telemetry;

/// <summary>Tells of calls to storage.</summary>
internal sealed class ObservedStorage(RegistryMetrics metrics, TimeProvider time)
{
    /// <summary>Wraps the two stores.</summary>
    public RegistryStores Wrap(RegistryStores stores) =>
        new(new ObservedTableStore(stores.Tables, this), new ObservedObjectStore(stores.Objects, this));

    public async Task<T> RunAsync<T>(string service, string operation, Func<Task<T>> call)
    {
        using var activity = RegistryActivities.StartStorage(service, operation);
        var started = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await call();
            outcome = "answered";
            return result;
        }
        catch (StorageUnavailableException)
        {
            outcome = "unavailable";
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            metrics.Called(service, operation, outcome, time.GetElapsedTime(started));
            activity?.SetTag("registry.storage.outcome", outcome);
            if (outcome is "failed" or "unavailable") activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error);
        }
    }
}
