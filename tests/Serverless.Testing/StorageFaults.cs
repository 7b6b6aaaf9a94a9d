using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>How faults come about.</summary>
public static class StorageFaults
{
    /// <summary>Runs a call to storage with a fault, or without one.</summary>
    public static async Task<T> RunAsync<T>(this StorageFault? fault, Func<Task<T>> call)
    {
        switch (fault)
        {
            case StorageFault.CrashBefore:
                throw new SimulatedCrashException();
            case StorageFault.CrashAfter:
                await call();
                throw new SimulatedCrashException();
            case StorageFault.Replay:
                await call();
                return await call();
            case StorageFault.AppliedButUnavailable:
                await call();
                throw new StorageUnavailableException("Simulated: the answer was lost.");
            case StorageFault.Unavailable:
                throw new StorageUnavailableException("Simulated: storage is busy.");
            case StorageFault.AppliedButTimedOut:
                await call();
                throw new TaskCanceledException();
            case StorageFault.TimedOut:
                throw new TaskCanceledException();
            case StorageFault.BrokenOff:
                throw new IOException("Simulated: the connection was reset.");
            default:
                return await call();
        }
    }

    /// <summary>Whether an exception may be that of a fault.</summary>
    public static bool IsFault(Exception e) => e is SimulatedCrashException or StorageUnavailableException or TaskCanceledException or IOException;

    /// <summary>Whether what is done ends as by such a fault; any other failure is the test's.</summary>
    public static async Task<bool> FailsAsync(Func<Task> act)
    {
        try
        {
            await act();
            return false;
        }
        catch (Exception e) when (IsFault(e))
        {
            return true;
        }
    }
}
